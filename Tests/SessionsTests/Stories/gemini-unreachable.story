# No connection to gemini

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini unreachable connection refused
    * dialFailed(1, .unreachable("connection refused"))
    -> refuse 502 {"error":{"code":502,"message":"turnkeeper: gemini cannot be reached: connection refused (session s-1)"}}
    * ended(.unreachable)
