# FC 6.3: where a token hides the setup, text may be all that is asked for, until the model has spoken
locked

+0s client opens
+50ms gemini opens
+10ms client setup automatic
+200ms gemini setup-complete
+1s client text Hello?
+500ms gemini sends {"serverContent":{"modelTurn":{"parts":[{"text":"Hello, what can I do for you?"}]}}}
+20ms gemini turn-complete
+3s client text And now?
+500ms gemini audio 200ms
+20ms gemini generation-complete
+50ms gemini turn-complete
+3s client text And then?
+500ms gemini sends {"serverContent":{"modelTurn":{"parts":[{"text":"Hm."}]}}}
+20ms gemini turn-complete
+500ms gemini audio 200ms
+20ms gemini generation-complete
+50ms gemini turn-complete
+3s nothing
