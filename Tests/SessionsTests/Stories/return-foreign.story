# a handle of another tenant's is refused as the service refuses one it does not know
handle turnkeeper.s-1.secret

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.1-flash-live-preview "sessionResumption":{"handle":"turnkeeper.s-0.other"}
    -> recall handle("turnkeeper.s-0.other", generation: 1)
+5ms recalled foreign
    * handleRefused(isForeign: true)
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
    * closed(.client, .Close(code: 1008, reason: "turnkeeper: BidiGenerateContent session not found (session s-1)"), by: .turnkeeper)
    -> close client 1008 turnkeeper: BidiGenerateContent session not found (session s-1)
    * ended(.refused)
