/// Something that goes wrong with a request on its way, whatever the server makes of it.
enum WireFault: Hashable, Sendable {
  /// The request is carried out, and the connection closes without an answer.
  case dropAnswer
  /// The connection closes before anything of the request is carried out.
  case dropBefore
  /// The request is carried out, and the connection is reset in place of an answer.
  case reset
  /// Somebody in between answers with this status; nothing is carried out.
  case http(Int)
  /// Somebody in between answers 200 with a web page; nothing is carried out.
  case html
  /// Requests beyond this rate are answered 429; nothing is carried out.
  case throttle(Rate)
  /// All tokens of logins and all access tokens die just before the request is looked at.
  case expireToken
  /// The request is carried out; half of the answer comes, then the connection closes.
  case truncate
  /// The request is carried out, and the answer comes byte by byte over this long.
  case trickle(Duration)
}
