# Words that come after a nudge and a reconnect belong to the question: a connection that was asked it is told nothing

+0s client opens
+50ms gemini opens
+10ms client setup manual gemini-3.8-live "inputAudioTranscription":{},"outputAudioTranscription":{}
+200ms gemini setup-complete
+20ms gemini handle h-0
+1s client start
+20ms client audio 700ms
+700ms client end
+20s nothing
+40ms gemini opens
+200ms gemini setup-complete
+20ms gemini handle h-1
+100ms gemini hears How are you?
+300ms gemini says Very well.
+10ms gemini audio 400ms
+50ms gemini generation-complete
+50ms gemini turn-complete
+20ms gemini handle h-2
+1s client start
+20ms client audio 700ms
+700ms client end
+100ms gemini hears And they?
+100ms gemini closes 1011
+40ms gemini opens
+200ms gemini setup-complete
+2s nothing
