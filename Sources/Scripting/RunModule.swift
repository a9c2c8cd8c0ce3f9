import Clock
import LuaVM
import Workflow

/// `run`: this run as a whole.
enum RunModule {
  static let shapes =
    [
      APIShape("run", .module, "This run as a whole."),
      APIShape(
        "night", .table, "A night, by the day on which it began.",
        [
          .init("date", "string", "such as \"2026-11-21\""),
          .init("weekday", "string", "such as \"Saturday\""),
          .init("year", "integer", "such as 2026"),
          .init("month", "integer", "1 to 12"),
          .init("day", "integer", "1 to 31"),
        ]),
      APIShape(
        "variables", .table, "What --var NAME=VALUE gave.",
        [.init("[string]", "string", "the value of that name; raises where there is none")]),
    ] + ruleShapes + attentionShapes + [messageShape, formShape, dateShape]

  static var entries: [APIEntry] {
    [
      APIEntry(
        "run.skip", "(target: string, reason: string): result",
        """
        Notes that a target is left out tonight, and why: it counts as not good, and the recap says so. \
        `target` is what the recap shows, such as "oracle ERP".
        """,
        example:
          "local r = run.skip(\"oracle ERP\", \"snapshots not good\")  assert(r.outcome == \"skipped\")"
      ) { call throws(LuaFailure) in
        guard let name = call.string(1), !name.isEmpty else {
          throw .argument("run.skip: the target must be a name such as \"oracle ERP\", not \(call.quoted(1))")
        }
        guard let reason = call.string(2), !reason.isEmpty else {
          throw .argument("run.skip: say why \(name) is left out, as the second argument")
        }
        try StepScope.refuse(call, "run.skip")
        let session = Session.of(call)
        // "oracle ERP": the first word is the workload where it names one.
        let words = name.split(separator: " ", maxSplits: 1).map(String.init)
        let hasWorkload = words.count == 2 && session.knowsWorkload(words[0])
        let backup = session.run.skip(
          commcell: Commcell.defaultName, workload: hasWorkload ? words[0] : "",
          target: hasWorkload ? words[1] : name, reason: reason, place: call.place)
        session.records.pushResult(call, backup.attempt)
        return .values(1)
      },
      APIEntry(
        "run.night", ": night", "The night that the run belongs to: it lasts from noon to noon.",
        example: "local level = run.night.weekday == \"Sunday\" and \"FULL\" or \"INCREMENTAL\""),
      windowEntry, expectEntry, keyEntry, attentionEntry, alarmEntry, tellEntry, variableEntry, readEntry,
    ] + memoryEntries + timeEntries
  }

  /// `run.night`: the night that the run belongs to.
  static func addNight(_ session: Session) {
    let stack = session.core.stack
    stack.pushGlobal("run")
    stack.pushTable(fields: 5)
    let night = session.run.night
    stack.push(night.date)
    stack.set(-2, "date")
    stack.push(night.weekday)
    stack.set(-2, "weekday")
    for (name, value) in [("year", night.began.year), ("month", night.began.month), ("day", night.began.day)]
    {
      stack.push(value)
      stack.set(-2, name)
    }
    stack.set(-2, "night")
    stack.pop()
  }
}
