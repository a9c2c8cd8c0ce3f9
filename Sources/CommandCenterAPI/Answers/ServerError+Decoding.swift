extension ServerError {
  /// Finds the error in an answer, in any envelope that servers are known to use:
  /// a bare string, quoted or not · `{errorMessage, errorCode}` under any HTTP status · `{error: {…}}` ·
  /// `{error: {errList}}` · `{errors: [{errList}]}` · `{errList: […]}` · `{response: [{errorCode}]}` · a page
  /// of HTML · anything else.
  ///
  /// - Returns: nil where the HTTP status is a good one and the body, being JSON, tells of no error.
  public static func decode(status: Int, body: [UInt8]) -> ServerError? {
    let isGood = (200..<300).contains(status)
    guard let json = try? JSONValue(parsing: body) else {
      return isGood ? unintelligible(status, body) : plain(status, text: explanation(of: body))
    }
    if let finding = Finding(in: json, isGood: isGood) {
      return ServerError(status, finding)
    }
    if isGood { return nil }
    return plain(status, text: json.string ?? "")
  }

  /// An answer that cannot be understood, whose body is shown as far as it helps.
  static func unintelligible(_ status: Int, _ body: [UInt8]) -> ServerError {
    let text = explanation(of: body)
    let message =
      text.isEmpty
      ? "The server answered HTTP \(status) with an empty body."
      : "The server answered HTTP \(status) with something that is not understood: \(text)"
    return ServerError(httpStatus: status, code: nil, message: message, kind: .unintelligible)
  }

  /// An error that has no code, only a text, or not even that.
  private static func plain(_ status: Int, text: String) -> ServerError {
    let text = text.onOneLine()
    let message = text.isEmpty ? "The server answered HTTP \(status) without an explanation." : text
    let kind = kind(status, nil, message)
    // A bare text of something broken or busy may be of whatever stands before the server, and say little.
    let isBare = (kind == .unintelligible || kind == .rateLimited) && !text.isEmpty
    return ServerError(
      httpStatus: status, code: nil,
      message: isBare ? "The server answered HTTP \(status): \(message)" : message, kind: kind)
  }

  private init(_ status: Int, _ finding: Finding) {
    let text = finding.message.onOneLine()
    let fallback = "The server answered HTTP \(status) with error \(finding.code ?? 0) and no explanation."
    let message = text.isEmpty ? fallback : text
    self.init(
      httpStatus: status, code: finding.code, message: message,
      kind: Self.kind(status, finding.code, message))
  }

  private static func kind(_ status: Int, _ code: Int64?, _ message: String) -> Kind {
    // Code 2, under which this comes, means other things too, so the text decides.
    if saysBusy(message) { return .busy }
    if status == 401 || code == 5 { return .accessDenied }
    if status == 429 { return .rateLimited }
    let hasCode = code.map { $0 != 0 } ?? false
    if status == 404 { return .notFound }
    if (400..<500).contains(status) || hasCode { return .rejected }
    // A text without a code: a good status makes it a plain no, any other leaves open what was done.
    return (200..<300).contains(status) ? .rejected : .unintelligible
  }

  private static func saysBusy(_ message: String) -> Bool {
    let text = message.lowercased()
    return text.contains("0x10c:") || text.contains("0x10c ") || text.contains("another backup is running")
  }

  /// What a body that is no JSON says: the title of a page, or its beginning.
  private static func explanation(of body: [UInt8]) -> String {
    let text = String(decoding: body.prefix(64 * 1024), as: UTF8.self)
    return htmlTitle(text) ?? text.onOneLine(limit: 200)
  }
}

/// A code and a text found in an answer.
private struct Finding {
  var code: Int64?
  var message = ""

  /// - Parameter isGood: whether the HTTP status was; then a code of 0 and no text mean that all is well.
  init?(in json: JSONValue, isGood: Bool) {
    guard case .object(let members) = json else { return nil }
    take(members)
    // The code of the outside may be there to be overruled: what is nested is nearer to the cause.
    for name in ["error", "errors", "errList", "response", "processinginstructioninfo"] {
      if let nested = json[name] { search(nested) }
    }
    let isError = (code.map { $0 != 0 } ?? false) || !message.trimmed.isEmpty
    if !isError && (isGood || code == nil) { return nil }
    if code == 0 && isGood && Self.isPraise(message) { return nil }
  }

  private mutating func search(_ json: JSONValue) {
    switch json {
    case .object(let members):
      take(members)
      for name in ["error", "errors", "errList"] {
        if let nested = json[name] { search(nested) }
      }
    case .array(let elements): for element in elements { search(element) }
    case .string(let text): if message.isEmpty { message = text }
    default: break
    }
  }

  /// The first code that is not 0 and its text win; a text alone is better than none.
  private mutating func take(_ members: [JSONValue.Member]) {
    var code: Int64?
    var message = ""
    for member in members {
      switch member.name {
      case "errorCode", "errCode": code = code ?? member.value.int64
      case "errorMessage", "errLogMessage", "errorString", "errMessage":
        if message.isEmpty { message = member.value.string ?? "" }
      default: break
      }
    }
    let hasNone = (self.code ?? 0) == 0
    if hasNone, let code, code != 0 {
      self.code = code
      if !message.trimmed.isEmpty { self.message = message }
    } else {
      self.code = self.code ?? code
      if self.message.trimmed.isEmpty { self.message = message }
    }
  }

  private static func isPraise(_ message: String) -> Bool {
    let text = message.lowercased()
    return text.isEmpty || text.contains("success")
  }
}
