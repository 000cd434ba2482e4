import Basics
import Policies
import Transport
import WebSocket

/// Whether a tenant may have one more session.
enum Admission {
    /// What prevents it. The place is taken when the setup arrives.
    static func obstacle(_ account: Account, _ policy: Policy, endUser: String) -> Rejection? {
        if let most = policy.budget.dayMicroUSD, account.hasSpent(most) {
            return Rejection(.dayUSD)
        }
        if !endUser.isEmpty, policy.endUsers.hasQuota,
            let limit = policy.endUsers.exhausted(
                account.endUsers.use(of: endUser, tenant: policy.tenant))
        {
            return Rejection(limit)
        }
        let most = policy.limits.sessions
        return account.hasRoom(limit: most) ? nil : account.refusal(limit: most)
    }

    /// The name of the person behind a session, empty if none is given: from the client's token, or
    /// from a listed balancer, because anybody else can write any header. Refused if the policy
    /// asks for a name, or the balancer's cannot be used.
    static func endUser(
        _ request: UpgradeRequest, _ grant: Grant?, _ policy: Policy, from peer: SocketAddress?,
        _ balancers: [Network]
    ) -> (name: String, refusal: Rejection?) {
        if let grant, !grant.endUser.isEmpty { return (grant.endUser, nil) }
        var name = ""
        if let header = policy.endUsers.header, let peer,
            balancers.contains(where: { $0.contains(peer) })
        {
            let fields = request.headers.all(header)
            name = fields.first?.text ?? ""
            // If there are two, one is the client's own, beside the balancer's.
            guard fields.count <= 1, name.isEmpty || Policy.EndUsers.isName(name) else {
                return ("", .endUserName)
            }
        }
        return (name, name.isEmpty && policy.endUsers.required ? Rejection(.endUser) : nil)
    }
}
