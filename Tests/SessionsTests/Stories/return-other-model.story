# a handle belongs to a model: with another one the conversation is rebuilt
handle turnkeeper.s-1.secret

+0s client opens
+50ms gemini opens
+10ms client setup manual gemini-2.5-flash-native-audio-preview-12-2025 "sessionResumption":{"handle":"turnkeeper.s-0.other"}
+5ms recalled remembered h-7 60
+200ms gemini setup-complete
+1s gemini says ok
+10ms gemini turn-complete
+1s client closes 1000
