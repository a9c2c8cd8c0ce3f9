import Clock
public import LuaVM
public import Workflow

/// `run.on_attention`: what a script does where something needs a human.
extension RunModule {
  static var attentionEntry: APIEntry {
    APIEntry(
      "run.on_attention", "(fn: async fun(attention: attention))",
      """
      Calls fn(attention) once, when the run has ended, if something needs a human: a submit that nobody knows \
      the fate of, a job of another target, a time-out, an error of the script or of a branch, what the window or \
      --max-submits left out, fewer targets than run.expect says. What fn raises \
      is told, and changes nothing; it may wait for ten minutes, but not submit.
      """,
      example: "run.on_attention(function(attention) log.error(attention.text) end)", setHandler)
  }

  static let attentionShapes = [
    APIShape(
      "attention", .table, "What needs a human about a run.",
      [
        .init("reasons", "attention_reason[]", "each thing that does"),
        .init("text", "string", "all of it, for people"),
        .init("run", "string", "the run's name"),
        .init("night", "string", "its night, such as \"2026-11-21\""),
        .init("exit", "integer", "its exit code"),
        .init("outcome", "string", "what it came to, in a word"),
      ]),
    APIShape(
      "attention_reason", .table, "One thing that needs a human.",
      [
        .init("kind", "attention_kind", "what kind of thing"),
        .init("target?", "string", "the target that it is about"),
        .init("message", "string", "one sentence"),
        .init("text", "string", "the sentence with its target"),
      ]),
    APIShape(
      "attention_kind", .values(AttentionReason.Kind.allCases.map { ($0.rawValue, $0.meaning) }),
      "What kind of thing needs a human."),
  ]

  static var alarmEntry: APIEntry {
    APIEntry(
      "run.alarm", "(message: string, target?: string)",
      """
      Says that something needs a human, for a reason of the script's own: whoever the profile names, and \
      run.on_attention, are told of it at the end, together with the other reasons. The run goes on, and what it \
      comes to stays the same.
      """,
      example: "run.alarm(\"half of the tables are gone\", \"dynamodb aws-prod\")", alarm)
  }

  private static func alarm(_ call: Stack) throws(LuaFailure) -> Reply {
    guard let message = call.string(1), !message.isEmpty else {
      throw .argument("run.alarm: say why a human should look, not \(call.quoted(1))")
    }
    guard call.isNothing(2) || call.type(2) == .string else {
      throw .argument(
        "run.alarm: the target must be a name such as \"rds aws-prod/eu-west-1/crm\", not \(call.quoted(2))")
    }
    let reason = AttentionReason(.alarm, target: call.string(2), message)
    let run = Session.of(call).run
    run.raise(reason)
    run.log(LogLine(level: .error, message: reason.text, fields: []))
    return .none
  }

  private static func setHandler(_ call: Stack) throws(LuaFailure) -> Reply {
    try call.requireFunction(1, "run.on_attention: its argument")
    try StepScope.refuse(call, "run.on_attention")
    let session = Session.of(call)
    guard session.attentionHandler == nil else {
      throw .argument("run.on_attention: the run has a function for that already, and it has one")
    }
    session.attentionHandler = call.reference(1)
    return .none
  }
}

extension Session {
  /// How long a script's function may take.
  private static let patience = Duration.seconds(600)

  /// Calls what `run.on_attention` was given, after the script has ended; nothing where there is none. Called
  /// with a hold on the clock.
  ///
  /// - Returns: what it raised, as one sentence.
  public static func attend(_ attention: Attention, _ vm: VM) async -> String? {
    guard await vm.with({ core in of(core.stack).attentionHandler != nil }) else { return nil }
    let end = await vm.run { stack in of(stack).startHandler(attention, stack) }
    await vm.with { core in reportUnjoined(core) }
    guard let failure = end.failure, failure.kind != "exit" else { return nil }
    return failure.sentence
  }

  private func startHandler(_ attention: Attention, _ stack: Stack) -> Branch {
    if let attentionHandler { stack.push(attentionHandler) }
    attentionHandler = nil
    push(attention, stack)
    let branch = stack.spawn(arguments: 1)
    let alarm = Alarm()
    let mailbox = core.mailbox
    let kept = Keep(branch)
    let text = "ended after \(DurationText.short(Self.patience))"
    alarm.set(clock, after: Self.patience) {
      mailbox.post { core in
        let reason = LuaFailure("cancelled", text)
        Session.of(core.stack).cancel(kept.value, reason)
        // What it has started is of no more use.
        core.cancelAll(reason)
      }
    }
    core.whenEnded(branch) { [clock] _, _ in alarm.cancel(clock) }
    return branch
  }

  private func push(_ attention: Attention, _ stack: Stack) {
    func set(_ name: String, _ value: String?) {
      stack.push(value)
      stack.set(-2, name)
    }
    stack.pushTable(fields: 6)
    set("run", attention.run)
    set("night", attention.night.date)
    set("outcome", attention.conclusion.outcome)
    set("text", attention.text)
    stack.push(Int(attention.conclusion.exitCode))
    stack.set(-2, "exit")
    stack.pushTable(list: attention.reasons.count)
    for (index, reason) in attention.reasons.enumerated() {
      stack.pushTable(fields: 4)
      set("kind", reason.kind.rawValue)
      set("target", reason.target)
      set("message", reason.message)
      set("text", reason.text)
      stack.set(-2, at: index + 1)
    }
    stack.set(-2, "reasons")
  }
}
