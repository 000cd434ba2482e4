# The client gives up before gemini answered

+0s client opens
    * dialing(1)
    -> dial 1
+50ms client closes 1006
    * closed(.client, .Close(code: 1006, reason: ""), by: .client)
    -> drop 1
    * ended(.clientClosed)
