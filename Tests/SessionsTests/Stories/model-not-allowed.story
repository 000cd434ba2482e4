# A model that the policy does not allow
policy models.allow=gemini-3.8-*

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.1-flash-live-preview
    * modelRefused("gemini-3.1-flash-live-preview")
    * limitReached(.model)
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
    * closed(.client, .Close(code: 1008, reason: "turnkeeper: models.allow has no gemini-3.1-flash-live-preview (session s-1)"), by: .turnkeeper)
    -> close client 1008 turnkeeper: models.allow has no gemini-3.1-flash-live-preview (session s-1)
    * ended(.refused)
