# A model that is gone, and nobody named a sibling: the client is told

+0s client opens
+50ms gemini opens
+10ms client setup manual gemini-3.8-live
+100ms gemini closes 1008 models/gemini-3.8-live is not found for API version v1beta, or is not supported for bidiGenerateContent.
