# I13: a second end of the same turn is nobody's

+0s client opens
+50ms gemini opens
+10ms client setup manual
+200ms gemini setup-complete
+1s client text hello
+500ms gemini audio 200ms
+20ms gemini generation-complete
+50ms gemini turn-complete
+300ms gemini turn-complete
+1s client text two
+500ms gemini audio 200ms
+20ms gemini generation-complete
+50ms gemini turn-complete
