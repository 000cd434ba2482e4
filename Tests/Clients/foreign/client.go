// go-genai's side of a conversation, with the WebSocket library and the messages that it uses.
// go run client.go BASE KEY
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"github.com/gorilla/websocket"
)

const service = "google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"

type object = map[string]any

type message struct {
	SetupComplete *object
	GoAway        *object
	ServerContent struct {
		ModelTurn    struct{ Parts []object }
		TurnComplete bool
		Interrupted  bool
	}
	ToolCall struct {
		FunctionCalls []struct{ ID, Name string }
	}
}

func main() {
	header := http.Header{}
	header.Set("Content-Type", "application/json")
	header.Set("x-goog-api-key", os.Args[2])
	header.Set("User-Agent", "google-genai-sdk/1.40.0 gl-go/go1.27")
	// It names the key twice.
	connection, _, err := websocket.DefaultDialer.Dial(
		os.Args[1]+"/ws/"+service+"?key="+os.Args[2], header)
	if err != nil {
		fmt.Println("error", err)
		return
	}
	defer connection.Close()
	send := func(value object) {
		text, _ := json.Marshal(value)
		connection.WriteMessage(websocket.TextMessage, text)
	}
	questions := []string{"hello", "call get_weather", "goodbye"}
	ask := func() { send(object{"realtimeInput": object{"text": questions[0]}}) }
	send(object{"setup": object{
		"model":            "models/gemini-3.1-flash-live-preview",
		"generationConfig": object{"responseModalities": []string{"AUDIO"}},
		"tools": []object{{"functionDeclarations": []object{
			{"name": "get_weather", "description": "Reports the weather."}}}},
	}})
	sound := 0
	for {
		_, text, err := connection.ReadMessage()
		if closed, is := err.(*websocket.CloseError); is {
			fmt.Println("closed", closed.Code, closed.Text)
			return
		} else if err != nil {
			fmt.Println("error", err)
			return
		}
		var message message
		if err := json.Unmarshal(text, &message); err != nil {
			fmt.Println("error", err)
			return
		}
		if message.SetupComplete != nil {
			fmt.Println("set up")
			ask()
		}
		for _, call := range message.ToolCall.FunctionCalls {
			fmt.Println("called", call.Name)
			send(object{"toolResponse": object{"functionResponses": []object{
				{"id": call.ID, "name": call.Name, "response": object{"output": "sunny"}}}}})
		}
		content := message.ServerContent
		if message.GoAway != nil || content.Interrupted {
			fmt.Println("disturbed")
		}
		sound += len(content.ModelTurn.Parts)
		if content.TurnComplete {
			if sound == 0 {
				fmt.Println("silent")
			} else {
				fmt.Println("answered")
			}
			sound = 0
			if questions = questions[1:]; len(questions) > 0 {
				ask()
			} else {
				// It says no goodbye: the deferred Close ends the connection below.
				fmt.Println("left")
				return
			}
		}
	}
}
