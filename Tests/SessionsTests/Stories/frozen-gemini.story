# FC 3.1: a frozen gemini is dead only after upstream.dead with a ping unanswered
policy client.ping=0s
+0s client opens
+50ms gemini opens
+10ms client setup manual
+200ms gemini setup-complete
+15s gemini pongs
+25s gemini pongs
+100s nothing
