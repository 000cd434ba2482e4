# In observe mode rules only count
policy audio_outside_activity=observe
policy repeated_activity=observe
policy empty_activity=observe
policy dead_air=observe
+0s client opens
+50ms gemini opens
+10ms client setup manual
+200ms gemini setup-complete
+1s client audio 20ms
+10ms client start
+10ms client start
+3s client end
+10ms client end
