# A call that comes while long speech is said again at its pace: its result does not wait behind the speech

+0s client opens
+50ms gemini opens
+10ms client setup manual
+200ms gemini setup-complete
+1s client start
+20ms client audio 20s
+500ms client audio 20s
+500ms client audio 20s
+500ms gemini closes 1011 Internal error encountered.
+100ms gemini opens
+200ms gemini setup-complete
+100ms client audio 13s
+100ms gemini calls f
+300ms client answers c-1
+20s client end
+1s nothing
