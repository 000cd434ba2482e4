# A client whose session is over is to begin another, and its token's use cannot be written down

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms used-up token.record
    * limitReached(.tokenRecord)
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
    * closed(.client, .Close(code: 1013, reason: "turnkeeper: the use of the client token cannot be written down now, try again (session s-1)"), by: .turnkeeper)
    -> close client 1013 turnkeeper: the use of the client token cannot be written down now, try again (session s-1)
    * ended(.limit)
