# No connection to gemini

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini unreachable connection refused
    * dialFailed(1, .unreachable("connection refused"))
    * dialing(2)
    -> dial 2
+600ms gemini unreachable connection refused
    * dialFailed(2, .unreachable("connection refused"))
    * dialing(3)
    -> dial 3
+1.2s gemini unreachable connection refused
    * dialFailed(3, .unreachable("connection refused"))
    * dialing(4)
    -> dial 4
+2.4s gemini unreachable connection refused
    * dialFailed(4, .unreachable("connection refused"))
    -> refuse 502 {"error":{"code":502,"message":"turnkeeper: gemini cannot be reached: connection refused (session s-1)"}}
    * ended(.unanswered)
