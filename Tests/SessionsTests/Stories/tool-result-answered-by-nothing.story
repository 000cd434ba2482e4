# FC 6.2: a result is answered by a bare end, where turns do not end at calls: one turn, as the client sees it

+0s client opens
+50ms gemini opens
+10ms client setup manual
+200ms gemini setup-complete
+1s client text Run it.
+500ms gemini calls f as a-1
+100ms client answers a-1
+600ms gemini turn-complete
+500ms gemini audio 200ms
+20ms gemini generation-complete
+50ms gemini turn-complete
