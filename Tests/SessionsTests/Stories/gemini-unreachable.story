# No connection to gemini

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini unreachable connection refused
    * dialFailed(1, .unreachable("connection refused"))
    * retrying(attempt: 2, after: 228ms)
  at 0.278s
    * dialing(2)
    -> dial 2
+600ms gemini unreachable connection refused
    * dialFailed(2, .unreachable("connection refused"))
    * retrying(attempt: 4, after: 1019ms)
  at 1.669s
    * dialing(3)
    -> dial 3
+1.2s gemini unreachable connection refused
    * dialFailed(3, .unreachable("connection refused"))
    * retrying(attempt: 6, after: 1021ms)
  at 2.871s
    * dialing(4)
    -> dial 4
+2.4s gemini unreachable connection refused
    * dialFailed(4, .unreachable("connection refused"))
    -> refuse 502 {"error":{"code":502,"message":"turnkeeper: gemini cannot be reached: connection refused (session s-1)"}}
    * ended(.unreachable)
