# FC 16.15: what was told aside and closed with 1007 is told with the next question, on this connection and the next

+0s client opens
+50ms gemini opens
+10ms client sends {"setup":{"model":"models/gemini-3.8-live","inputAudioTranscription":{},"outputAudioTranscription":{},"realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}}
+200ms gemini setup-complete
+10ms gemini handle h-0
+1s client text hello
+500ms gemini says Hello you.
+10ms gemini audio 200ms
+20ms gemini generation-complete
+50ms gemini turn-complete
+2s gemini closes 1011 Internal error occurred.
+40ms gemini opens
+200ms gemini setup-complete
+50ms gemini closes 1007 Request contains an invalid argument.
+40ms gemini opens
+200ms gemini setup-complete
+2s client text two
+500ms gemini audio 200ms
+20ms gemini generation-complete
+50ms gemini turn-complete
