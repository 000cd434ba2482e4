# Early audio is bounded: the oldest goes first, and is counted
policy limits.buffer=10000
+0s client opens
+50ms gemini opens
+10ms client setup auto
+5ms client says Hello.
+5ms client audio 100ms
+5ms client audio 150ms
+5ms client audio 50ms
+200ms gemini setup-complete
