# A model that is gone: the session goes on with the sibling at once, the client's old handle does not
policy models.fallback=gemini-2.5-flash-native-audio-preview-09-2025:gemini-3.1-flash-live-preview

+0s client opens
+50ms gemini opens
+10ms client setup manual gemini-2.5-flash-native-audio-preview-09-2025 "sessionResumption":{"handle":"old"},"proactivity":{"proactiveAudio":true}
+0s client says Hello
+100ms gemini closes 1008 models/gemini-2.5-flash-native-audio-preview-09-2025 is not found for API version v1beta, or is not supported for bidiGenerateContent.
+40ms gemini opens
+200ms gemini setup-complete
+400ms gemini audio 500ms
+100ms gemini turn-complete
