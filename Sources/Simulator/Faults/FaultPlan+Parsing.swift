import Clock
import CommandCenterAPI

/// What is wrong with a `--faults` text.
public struct FaultError: Error, Hashable, Sendable, CustomStringConvertible {
  /// One sentence that names the part and says what is allowed.
  public let description: String
}

extension FaultPlan {
  /// Reads comma-separated `TARGET:FAULT[@N]`.
  ///
  /// TARGET is `*`, a workload, or `workload/name-or-id`, the workload being `*` or a name; the name or id
  /// may be of the subclient, its instance or its client. Faults of the wire may have requests for a TARGET
  /// as well: login, logout, createtask, jobs, job, lookup, or request for all. `@N` means the Nth submit or
  /// request that matches TARGET only.
  ///
  /// - Throws: ``FaultError`` for the first part that is wrong.
  public static func parse(_ text: String) throws(FaultError) -> FaultPlan {
    var plan = FaultPlan()
    guard !text[...].trimmingSpaces.isEmpty else { return plan }
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let part = part.trimmingSpaces
      guard !part.isEmpty else {
        throw FaultError(description: "A fault is empty: write TARGET:FAULT between the commas.")
      }
      plan.rules.append(try rule(part))
    }
    return plan
  }

  /// The faults as they are written, for help texts.
  public static let vocabulary = forms.map { form in
    switch form.fault {
    case .plain: form.name
    case .lasting: form.name + "=DURATION"
    case .named: form.name + "=TEXT"
    case .status: form.name + "=CODE"
    case .rated: form.name + "=RATE"
    case .maybeLasting: form.name
    }
  }

  private enum Form {
    case plain(Fault)
    case lasting(@Sendable (Duration) -> Fault)
    case named(@Sendable (String) -> Fault)
    case status(@Sendable (Int) -> Fault)
    case rated(@Sendable (Rate) -> Fault)
    /// With that duration where none is given.
    case maybeLasting(Duration, @Sendable (Duration) -> Fault)
  }

  private static let forms: [(name: String, fault: Form)] = [
    ("fail", .plain(.fail)), ("warnings", .plain(.warnings)), ("errors", .plain(.errors)),
    ("committed", .plain(.committed)), ("killed", .plain(.killed)),
    ("failed_to_start", .plain(.failedToStart)), ("busy", .plain(.busy)), ("reject", .plain(.reject)),
    ("garbage", .plain(.garbage)), ("wrong-target", .plain(.wrongTarget)),
    ("other-level", .plain(.otherLevel)),
    ("pending", .lasting { .pending($0) }), ("slow", .lasting { .slow($0) }),
    ("hidden", .lasting { .hidden($0) }), ("status", .named { .status($0) }),
    ("drop-answer", .plain(.wire(.dropAnswer))), ("drop-before", .plain(.wire(.dropBefore))),
    ("reset", .plain(.wire(.reset))), ("http", .status { .wire(.http($0)) }), ("html", .plain(.wire(.html))),
    ("throttle", .rated { .wire(.throttle($0)) }), ("expire-token", .plain(.wire(.expireToken))),
    ("truncate", .plain(.wire(.truncate))),
    ("trickle", .maybeLasting(.seconds(10)) { .wire(.trickle($0)) }),
  ]

  private static func rule(_ part: Substring) throws(FaultError) -> Rule {
    func mistake(_ text: String) -> FaultError {
      FaultError(description: "In \"\(part)\", \(text)" + (text.hasSuffix("?") ? "" : "."))
    }
    // The last colon, since a name may have some.
    guard let colon = part.lastIndex(of: ":") else {
      throw mistake("a colon is missing: write TARGET:FAULT, such as dynamodb:fail or *:slow=10m")
    }
    let target = part[..<colon].trimmingSpaces
    var fault = part[part.index(after: colon)...].trimmingSpaces

    var ordinal: Int?
    if let at = fault.lastIndex(of: "@") {
      guard let number = Int(fault[fault.index(after: at)...]), number > 0 else {
        throw mistake("a number from 1 must follow @")
      }
      ordinal = number
      fault = fault[..<at].trimmingSpaces
    }
    if let requests = RequestClass(rawValue: String(target)) {
      let fault = try parseFault(fault, mistake)
      guard fault.isOfTheWire else {
        throw mistake("\(target) is a request, and the fault is of a submit: write *:FAULT or WORKLOAD:FAULT")
      }
      return Rule(requests: requests, fault: fault, ordinal: ordinal)
    }
    let (kind, name) = try parseTarget(target, mistake)
    return Rule(kind: kind, name: name, fault: try parseFault(fault, mistake), ordinal: ordinal)
  }

  /// What was meant instead; nil where nothing resembles it.
  private static func hint(_ name: String, among all: [String]) -> String? {
    didYouMean(name, among: all).map { "did you mean \($0)?" }
  }

  private static func parseTarget(
    _ text: Substring, _ mistake: (String) -> FaultError
  ) throws(FaultError) -> (kind: Kind?, name: String?) {
    let slash = text.firstIndex(of: "/")
    let workload = String(text[..<(slash ?? text.endIndex)].trimmingSpaces)
    var kind: Kind?
    if workload != "*" {
      guard let known = Kind(rawValue: workload) else {
        let all = Kind.allCases.map(\.rawValue)
        let requests = RequestClass.allCases.map(\.rawValue)
        let advice =
          hint(workload, among: all + requests)
          ?? "write *, \(all.joined(separator: ", ")), or for faults of the wire a request: "
          + requests.joined(separator: ", ")
        throw mistake("\"\(workload)\" is no target; \(advice)")
      }
      kind = known
    }
    guard let slash else { return (kind, nil) }
    let name = text[text.index(after: slash)...].trimmingSpaces
    guard !name.isEmpty else { throw mistake("a name or an id must follow the slash") }
    return (kind, String(name))
  }

  private static func parseFault(
    _ text: Substring, _ mistake: (String) -> FaultError
  ) throws(FaultError) -> Fault {
    let equals = text.firstIndex(of: "=")
    let name = String(text[..<(equals ?? text.endIndex)].trimmingSpaces)
    let value = equals.map { text[text.index(after: $0)...].trimmingSpaces }
    guard let form = forms.first(where: { $0.name == name }) else {
      let advice =
        hint(name, among: forms.map(\.name)) ?? "write one of \(vocabulary.joined(separator: ", "))"
      throw mistake("\"\(name)\" is no fault; \(advice)")
    }
    switch form.fault {
    case .plain(let fault):
      guard value == nil else { throw mistake("\(name) takes no value") }
      return fault
    case .lasting(let fault):
      guard let value, let duration = DurationText.parse(value), duration > .zero else {
        throw mistake("\(name) needs a duration, such as \(name)=90s or \(name)=2h30m")
      }
      return fault(duration)
    case .named(let fault):
      guard let value, !value.isEmpty else { throw mistake("a text must follow: \(name)=Interrupted") }
      guard !JobStatus(String(value)).isTerminal else {
        throw mistake("\"\(value)\" ends a job; \(name)= is for what a job shows on its way")
      }
      return fault(String(value))
    case .status(let fault):
      guard let value, let status = Int(value), (200...599).contains(status), status != 204, status != 304
      else { throw mistake("\(name) needs a status with a body, 200 to 599, such as \(name)=503") }
      return fault(status)
    case .rated(let fault):
      guard let value, let rate = Rate(value) else {
        throw mistake("\(name) needs a rate per s, m, h or d, such as \(name)=100/h")
      }
      return fault(rate)
    case .maybeLasting(let duration, let fault):
      guard let value else { return fault(duration) }
      guard let duration = DurationText.parse(value), duration > .zero else {
        throw mistake("\(name) takes a duration, such as \(name)=5s")
      }
      return fault(duration)
    }
  }
}

extension Substring {
  fileprivate var trimmingSpaces: Substring {
    var text = self
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return text
  }
}
