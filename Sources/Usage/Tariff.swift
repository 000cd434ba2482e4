public import Policies

/// The price of tokens, in whole billionths of a US dollar each. Prices are given in dollars per
/// million tokens with at most three decimals, so nothing is rounded before a turn is summed up.
public struct Tariff: Equatable, Sendable {
    /// When the prices were read, `YYYY-MM-DD`; empty if there are none and all costs are zero.
    public let date: String
    private let textIn: Int64
    private let audioIn: Int64
    private let imageIn: Int64
    private let textOut: Int64
    private let audioOut: Int64

    public init(_ prices: Profile.Prices?) {
        func nano(_ price: Double) -> Int64 {
            // The limit keeps a mistyped price from overflowing.
            Int64((min(max(price, 0), 1_000_000) * 1000).rounded())
        }
        let prices = prices ?? Profile.Prices()
        date = prices.date
        textIn = nano(prices.textIn)
        audioIn = nano(prices.audioIn)
        imageIn = nano(prices.imageIn)
        textOut = nano(prices.textOut)
        audioOut = nano(prices.audioOut)
    }

    /// Billionths of a dollar.
    ///
    /// Thoughts are priced as audio out: Google's table reads "audio out (incl. thinking)". So are
    /// response tokens without a modality; those of a prompt are priced as text. Cached tokens have
    /// no discount.
    public func cost(of tokens: Tokens) -> Int64 {
        let prompt = tokens.prompt
        let response = tokens.response
        let spoken = audioOut > 0 ? audioOut : textOut
        let asText = prompt.text.plus(prompt.document).plus(prompt.other).plus(tokens.toolUse)
        return asText.times(textIn)
            .plus(prompt.audio.times(audioIn))
            .plus(prompt.image.plus(prompt.video).times(imageIn))
            .plus(response.text.plus(response.document).times(textOut))
            .plus(
                response.audio.plus(response.image).plus(response.video).plus(response.other)
                    .plus(tokens.thoughts).times(spoken))
    }

    /// Billionths to millionths of a dollar, half up.
    static func micro(_ nano: Int64) -> Int64 { nano / 1000 + (nano % 1000 >= 500 ? 1 : 0) }
}
