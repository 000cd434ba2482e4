# What we cannot read of gemini's goes on untouched
+0s client opens
+50ms gemini opens
+10ms client setup manual
+200ms gemini setup-complete
+1s gemini sends {"serverContent":
