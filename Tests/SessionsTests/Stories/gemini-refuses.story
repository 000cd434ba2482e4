# An HTTP error on upgrade is the client's answer too

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini refuses 429
    * dialFailed(1, .refused(status: 429, contentType: "text/plain", body: [110, 111], retryAfter: ""))
    -> refuse 429 no
    * ended(.unanswered)
