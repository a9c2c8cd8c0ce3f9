import Clock
import CommandCenterAPI
import LuaVM
import Workflow

/// How we go about a backup: the second table of a workload's call.
struct SubmitOptions {
  /// Outcomes that count as good.
  var okIf: Set<Outcome>?
  /// What is done where another backup of the target runs.
  var onBusy: WhenBusy?
  /// What it takes a share of before it is sent.
  var pools: [Pool] = []
  var limits = TimeLimits()
  /// Whether the script says anything of `timeout`; else the profile does.
  private var hasTimeout = false

  static let shape = APIShape(
    "submit_options", .arguments, "How we go about a backup.",
    [
      .init("ok_if?", "outcome|outcome[]", "the outcomes that count as good"),
      .init("pool?", "pool|pool[]", "takes its share before it is sent"),
      .init("on_busy?", "on_busy", "where another backup of the target runs"),
      .init("warn_after?", "duration|false", "warns once, and waits on"),
    ] + TimeLimits.Kind.allCases.map { .init($0.rawValue + "?", "duration|time_limit|false", $0.meaning) })

  static let shapes = [
    shape,
    APIShape(
      "time_limit", .arguments, "A length of time, and what is done when it is over.",
      [
        .init("after", "duration", "how long"),
        .init("action?", "limit_action", "what is done then; give_up where nothing is said"),
      ]),
    APIShape(
      "limit_action", .values(TimeLimits.Action.allCases.map { ($0.rawValue, $0.meaning) }),
      "What is done when a time limit is over."),
    APIShape(
      "on_busy", .values(WhenBusy.allCases.map { ($0.rawValue, $0.meaning) }),
      "What is done where another backup of the target runs."),
  ]

  static let names = shape.names

  init() {}

  /// Reads the options at `index`, on top of `base`.
  init(_ call: Stack, _ index: Int, base: SubmitOptions, workload: String) throws(LuaFailure) {
    self = base
    guard !call.isNothing(index) else { return }
    guard call.type(index) == .table else {
      throw .argument("backup.\(workload): the options must be a table, not \(call.quoted(index))")
    }
    var found: SubmitOptions = self
    try call.forEach(index) { () throws(LuaFailure) in
      let name = call.string(-2) ?? ""
      switch name {
      case "ok_if": found.okIf = try Self.outcomes(call)
      case "pool": found.pools = try PoolModule.pools(call)
      case "on_busy": found.onBusy = try Self.whenBusy(call)
      case "warn_after": found.limits.warnAfter = try Self.isOff(call) ? nil : Self.duration(call, name)
      default:
        if let kind = TimeLimits.Kind(rawValue: name) {
          found.limits[kind] = try Self.isOff(call) ? nil : Self.limit(call, name)
          if kind == .total { found.hasTimeout = true }
          return
        }
        let hint = didYouMean(name, among: Self.names).map { "; did you mean \($0)?" }
        throw .argument(
          "backup.\(workload) knows no option \(call.quoted(-2))\(hint ?? "; there is \(Self.names.joined(separator: ", "))")"
        )
      }
    }
    self = found
  }

  /// The limits with what the profile says where the script does not.
  func limits(patience: Duration?) -> TimeLimits {
    var limits = limits
    if !hasTimeout, let patience {
      limits[.total] = TimeLimits.Limit(after: patience)
      limits.countsPools = false
    }
    return limits
  }

  // MARK: values, on top of the stack

  private static func isOff(_ call: Stack) -> Bool {
    call.isNull(-1) || call.type(-1) == .boolean && !call.boolean(-1)
  }

  private static func duration(_ call: Stack, _ name: String) throws(LuaFailure) -> Duration {
    if let seconds = call.number(-1), seconds > 0, seconds < 9e9 { return .nanoseconds(Int64(seconds * 1e9)) }
    if let duration = call.string(-1).flatMap({ DurationText.parse($0) }), duration > .zero {
      return duration
    }
    throw .argument(
      "\(name) must be a duration such as \"90m\" or \"6h\", or false for none, not \(call.quoted(-1))")
  }

  /// `"6h"`, or `{ after = "6h", action = "kill" }`.
  private static func limit(_ call: Stack, _ name: String) throws(LuaFailure) -> TimeLimits.Limit {
    guard call.type(-1) == .table else { return TimeLimits.Limit(after: try duration(call, name)) }
    var after: Duration?
    var action = TimeLimits.Action.giveUp
    try call.forEach(call.top) { () throws(LuaFailure) in
      switch call.string(-2) {
      case "after": after = try duration(call, "\(name).after")
      case "action":
        guard let known = call.string(-1).flatMap(TimeLimits.Action.init(rawValue:)) else {
          throw .argument(
            "\(name).action must be \"give_up\", \"suspend\" or \"kill\", not \(call.quoted(-1))")
        }
        action = known
      default:
        throw .argument("\(name) knows no \(call.quoted(-2)); it takes after and action")
      }
    }
    guard let after else {
      throw .argument("\(name) needs after, such as { after = \"6h\", action = \"\(action.rawValue)\" }")
    }
    return TimeLimits.Limit(after: after, action: action)
  }

  private static func whenBusy(_ call: Stack) throws(LuaFailure) -> WhenBusy {
    if let known = call.string(-1).flatMap(WhenBusy.init(rawValue:)) { return known }
    throw .argument("on_busy must be \"attach\", \"wait\" or \"fail\", not \(call.quoted(-1))")
  }

  /// The outcome, or list of outcomes.
  private static func outcomes(_ call: Stack) throws(LuaFailure) -> Set<Outcome> {
    var outcomes: Set<Outcome> = []
    func add() throws(LuaFailure) {
      guard let name = call.string(-1), let outcome = Outcome(rawValue: name) else {
        let names = Outcome.allCases.map(\.rawValue)
        let hint = call.string(-1).flatMap { didYouMean($0, among: names) }.map { "; did you mean \($0)?" }
        throw .argument(
          "ok_if: \(call.quoted(-1)) is no outcome\(hint ?? "; there are \(names.joined(separator: ", "))")")
      }
      outcomes.insert(outcome)
    }
    if call.type(-1) == .table {
      try call.forEach(-1) { () throws(LuaFailure) in try add() }
    } else {
      try add()
    }
    return outcomes
  }
}
