import CLinux
import Manual
import Proxy

extension Commands {
    static func serve(_ arguments: Arguments) throws(Arguments.Mistake) -> Int32 {
        let options = try ServeOptions(arguments).options
        tk_keep_memory_private()
        Server.measureMemory()
        Signals.block()
        Signals.takeWishesToEnd()
        switch Server.start(options) {
        case .failure(let failure):
            for line in failure.lines { Output.error(line) }
            return failure.isMistake ? 2 : 1
        case .success(let server):
            Welcome.show(server)
            for line in Welcome.firstSteps(server) { Output.result(line) }
            return server.serveUntilSignal()
        }
    }
}
