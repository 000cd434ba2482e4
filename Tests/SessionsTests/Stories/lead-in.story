# With turns.lead_in the last moments before a late start are kept
policy turns.lead_in=200ms
+0s client opens
+50ms gemini opens
+10ms client setup manual
+200ms gemini setup-complete
+10ms client audio 20ms
+300ms client audio 100ms
+100ms client audio 50ms
+50ms client start
+20ms client audio 700ms
