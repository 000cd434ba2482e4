# FC 1.1: audio leaks past activityEnd
+0s client opens
+50ms gemini opens
+10ms client setup manual
+200ms gemini setup-complete
+1s client start
+20ms client audio 700ms
+700ms client end
+30ms client audio 20ms
+20ms client audio 20ms
+700ms gemini audio 200ms
+50ms gemini turn-complete
+1s client start
+20ms client audio 700ms
