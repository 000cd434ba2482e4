# FC 1.4: the dead track comes back, and the client's own end is the right one
+0s client opens
+50ms gemini opens
+10ms client setup manual
+200ms gemini setup-complete
+1s client start
+20ms client audio 700ms
+3s client audio 100ms
+100ms client audio 100ms
+100ms client end
