import Basics
import Policies
import Transport
import WebSocket

/// Whether a tenant may have one more session.
enum Admission {
    /// What prevents another session. The place is taken only when the setup arrives.
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
        guard !account.hasRoom(limit: most) else { return nil }
        return account.hasRoomElsewhere(limit: most) ? .elsewhere : Rejection(.sessions)
    }

    /// The name of the person behind a session, empty if none is given: from the client's token, or
    /// from a listed balancer, because any other peer could forge the header. nil if the policy
    /// requires a name, or the balancer's name is invalid.
    static func endUser(
        _ request: UpgradeRequest, _ grant: Grant?, _ policy: Policy, from peer: SocketAddress?,
        _ balancers: [Network]
    ) -> String? {
        if let grant, !grant.endUser.isEmpty { return grant.endUser }
        var name = ""
        if let header = policy.endUsers.header, let peer,
            balancers.contains(where: { $0.contains(peer) })
        {
            let fields = request.headers.all(header)
            name = fields.first?.text ?? ""
            // A second header is the client's own, beside the balancer's.
            guard fields.count <= 1, name.isEmpty || Policy.EndUsers.isName(name) else {
                return nil
            }
        }
        return name.isEmpty && policy.endUsers.required ? nil : name
    }
}
