# A setup in which a field is present twice: its detection mode cannot be known

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client sends {"setup":{"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"realtime_input_config":{}}}
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
    * closed(.client, .Close(code: 1007, reason: "turnkeeper: a field of the message is duplicated (session s-1)"), by: .turnkeeper)
    -> close client 1007 turnkeeper: a field of the message is duplicated (session s-1)
    * ended(.refused)
