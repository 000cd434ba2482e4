# FC 0.5, 5.5: fields that 3.1 dies of are removed, resumption is added
+0s client opens
+50ms gemini opens
+10ms client sends {"setup":{"model":"models/gemini-3.1-flash-live-preview","generationConfig":{"enableAffectiveDialog":true,"temperature":0.5},"proactivity":{"proactiveAudio":true},"tools":[]}}
+200ms gemini setup-complete
+1s gemini handle h-1
