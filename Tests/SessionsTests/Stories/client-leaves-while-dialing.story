# The client gives up before gemini answered

+0s client opens
    * dialing(1)
    -> dial 1
+50ms client closes 1006
    * closed(Wire.Peer.client, Wire.Close(code: 1006, reason: ""), by: Sessions.Fact.Author.client)
    -> close gemini 1006 
    * ended(Sessions.SessionOutcome.completed)
