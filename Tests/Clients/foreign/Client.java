import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;

/** A conversation by the WebSocket of Java's own HTTP client: java Client.java BASE KEY */
class Client implements WebSocket.Listener {
    static final String SERVICE =
        "google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent";
    static final String[] QUESTIONS = {"hello", "call get_weather", "goodbye"};
    static final Pattern CALL_ID = Pattern.compile("\"id\"\\s*:\\s*\"([^\"]+)\"");

    final CompletableFuture<Void> ended = new CompletableFuture<>();
    final StringBuilder message = new StringBuilder();
    int answered, sound;

    public static void main(String[] words) {
        var client = new Client();
        HttpClient.newHttpClient().newWebSocketBuilder()
            .header("x-goog-api-key", words[1])
            .buildAsync(URI.create(words[0] + "/ws/" + SERVICE), client)
            .exceptionally(error -> {
                System.out.println("error " + error);
                client.ended.complete(null);
                return null;
            });
        client.ended.join();
    }

    @Override public void onOpen(WebSocket socket) {
        send(socket, """
            {"setup": {"model": "models/gemini-3.1-flash-live-preview",
              "generationConfig": {"responseModalities": ["AUDIO"]},
              "tools": [{"functionDeclarations": [
                {"name": "get_weather", "description": "Reports the weather."}]}]}}""");
        socket.request(1);
    }

    // Google sends bytes; a service may send text as well.
    @Override public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer part, boolean isLast) {
        return onText(socket, StandardCharsets.ISO_8859_1.decode(part), isLast);
    }

    @Override public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean isLast) {
        message.append(part);
        if (isLast) {
            received(socket, message.toString());
            message.setLength(0);
        }
        socket.request(1);
        return null;
    }

    void received(WebSocket socket, String text) {
        if (text.contains("\"setupComplete\"")) {
            System.out.println("set up");
            ask(socket);
        }
        if (text.contains("\"toolCall\"")) {
            var id = CALL_ID.matcher(text);
            if (!id.find()) throw new IllegalStateException(text);
            System.out.println("called get_weather");
            send(socket, """
                {"toolResponse": {"functionResponses": [{"id": "%s", "name": "get_weather",
                  "response": {"output": "sunny"}}]}}""".formatted(id.group(1)));
        }
        if (text.contains("\"goAway\"") || text.contains("\"interrupted\"")) {
            System.out.println("disturbed");
        }
        if (text.contains("\"inlineData\"")) sound++;
        if (text.contains("\"turnComplete\"")) {
            System.out.println(sound > 0 ? "answered" : "silent");
            sound = 0;
            if (++answered < QUESTIONS.length) ask(socket);
            else socket.sendClose(WebSocket.NORMAL_CLOSURE, "");
        }
    }

    void ask(WebSocket socket) {
        send(socket, "{\"realtimeInput\": {\"text\": \"" + QUESTIONS[answered] + "\"}}");
    }

    void send(WebSocket socket, String text) {
        socket.sendText(text, true).join();
    }

    @Override public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
        System.out.println("closed " + code + " " + reason);
        ended.complete(null);
        return null;
    }

    @Override public void onError(WebSocket socket, Throwable error) {
        System.out.println("error " + error);
        ended.complete(null);
    }
}
