internal import CommandCenterAPI

// A text as those who are told take it.
extension Notice {
  /// `{"text": …}`. Slack reads three characters of it as marks of its own, and wants them escaped so:
  /// https://docs.slack.dev/messaging/formatting-message-text
  public static func slack(_ text: String) -> [UInt8] {
    let escaped = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    var json = JSONWriter()
    json.beginObject()
    json.member("text", escaped)
    json.endObject()
    return json.bytes
  }

  /// A card with a line for each of the text's, as webhooks of Teams' workflows take it. Lines of rich text are shown as
  /// they are: those of a TextBlock could hold links and marks.
  public static func teams(_ text: String) -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.member("type", "message")
    json.key("attachments")
    json.beginArray()
    json.beginObject()
    json.member("contentType", "application/vnd.microsoft.card.adaptive")
    json.key("content")
    json.beginObject()
    json.member("$schema", "http://adaptivecards.io/schemas/adaptive-card.json")
    json.member("type", "AdaptiveCard")
    json.member("version", "1.4")
    json.key("body")
    json.beginArray()
    for line in text.split(separator: "\n") {
      json.beginObject()
      json.member("type", "RichTextBlock")
      json.key("inlines")
      json.beginArray()
      json.beginObject()
      json.member("type", "TextRun")
      json.member("text", String(line))
      json.endObject()
      json.endArray()
      json.endObject()
    }
    json.endArray()
    json.endObject()
    json.endObject()
    json.endArray()
    json.endObject()
    return json.bytes
  }

  /// How grave an event is, as PagerDuty knows it.
  public static let severities = ["critical", "error", "warning", "info"]

  /// An event of PagerDuty's Events API v2 that triggers an alert, without its `routing_key`. All events of one
  /// `dedup_key` are one alert.
  ///
  /// - Parameters:
  ///   - run: what the key is made of where there is no `key`.
  ///   - source: what is affected.
  public static func pagerDuty(
    _ text: String, run: String, source: String, key: String? = nil, severity: String = "error"
  ) -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.member("event_action", "trigger")
    json.member("dedup_key", String((key ?? "cvlua \(run)").prefix(255)))
    json.key("payload")
    json.beginObject()
    let first = text.split(separator: "\n").first.map(String.init) ?? text
    // Longer ones are refused.
    json.member("summary", first.isEmpty ? "cvlua" : String(first.prefix(1000)))
    json.member("source", source)
    json.member("severity", severity)
    json.key("custom_details")
    json.beginObject()
    json.member("text", text)
    json.endObject()
    json.endObject()
    json.endObject()
    return json.bytes
  }
}
