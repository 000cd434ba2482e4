# A model that the policy does not allow
policy models.allow=gemini-3.8-*

+0s client opens
+50ms gemini opens
+10ms client setup manual gemini-3.1-flash-live-preview
