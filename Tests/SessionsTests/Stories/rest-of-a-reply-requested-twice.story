# A connection that is lost before the rest of a cut reply came: the next one is asked for the rest again

+0s client opens
+50ms gemini opens
+10ms client setup manual gemini-3.8-live "inputAudioTranscription":{},"outputAudioTranscription":{}
+200ms gemini setup-complete
+20ms gemini handle h-0
+1s client text Where is it?
+300ms gemini says It is behind the
+10ms gemini audio 200ms
+100ms gemini closes 1011
+40ms gemini opens
+200ms gemini setup-complete
+100ms gemini closes 1011
+40ms gemini opens
+200ms gemini setup-complete
+300ms gemini says  house.
+10ms gemini audio 400ms
+50ms gemini generation-complete
+50ms gemini turn-complete
+20ms gemini handle h-1
+1s client text And now?
+100ms gemini closes 1011
+40ms gemini opens
+200ms gemini setup-complete
+2s nothing
