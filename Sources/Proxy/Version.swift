/// This program's version, for ledgers and support tickets.
public enum Version {
    public static let text = "0.1.0-dev"
}
