/// Which program this is, for ledgers and support tickets.
public enum Version {
    public static let text = "0.1.0-dev"
}
