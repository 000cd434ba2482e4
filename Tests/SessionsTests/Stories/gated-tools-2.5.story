# FC 4.5: nothing of ours goes to a 2.5 model while it waits for a tool
+0s client opens
+50ms gemini opens
+10ms client setup manual gemini-2.5-flash-native-audio-preview-12-2025
+200ms gemini setup-complete
+1s client start
+20ms client audio 700ms
+10ms gemini calls report
+5s client sends {"toolResponse":{"functionResponses":[{"id":"c-1","name":"report","response":{}}]}}
+1s nothing
