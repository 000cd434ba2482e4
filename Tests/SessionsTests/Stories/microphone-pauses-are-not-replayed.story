# In automatic detection a minute of silence is not replayed in front of what the user says next

+0s client opens
+50ms gemini opens
+10ms client setup automatic gemini-3.8-live-extended-thinking "inputAudioTranscription":{},"outputAudioTranscription":{}
+200ms gemini setup-complete
+20ms gemini handle h-0
+1s client voice 800ms
+800ms client silence 1s
+1s client silence 1s
+1s client silence 1s
+1s client silence 1s
+1s gemini closes 1011
+40ms client silence 1s
+1s client silence 1s
+1s client silence 1s
+1s client silence 1s
+1s client voice 200ms
+1s gemini opens
+200ms gemini setup-complete
+2s nothing
