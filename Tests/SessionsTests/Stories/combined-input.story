# Boundaries and audio in one message have no order: each becomes a message
+0s client opens
+50ms gemini opens
+10ms client setup manual
+200ms gemini setup-complete
+1s client sends {"realtimeInput":{"activityEnd":{},"audio":{"mimeType":"audio/pcm;rate=16000","data":"BwcHBw=="},"activityStart":{}}}
+1s client sends {"realtime_input":{"activity_start":{},"audio":{"mime_type":"audio/pcm;rate=16000","data":"BwcHBw=="}}}
+1s client sends {"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":"BwcHBw=="},"activityEnd":{}}}
