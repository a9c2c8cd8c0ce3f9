import Clock
import Terminal
import Workflow

/// How far a run is, in as many lines and columns as there are: a head, and what needs eyes first.
struct ProgressView: Sendable {
  /// When the run began.
  var started: Moment
  var isSimulated: Bool
  var paint: @Sendable (String, Colour) -> String

  /// - Parameter paint: text in a colour.
  init(
    started: Moment, isSimulated: Bool,
    paint: @escaping @Sendable (String, Colour) -> String = { text, _ in text }
  ) {
    self.started = started
    self.isSimulated = isSimulated
    self.paint = paint
  }

  /// At most `rows` lines, each of at most `columns` columns.
  func lines(_ state: ProgressState, columns: Int, rows: Int, now: Moment) -> [String] {
    guard rows > 0, columns > 0 else { return [] }
    let room = rows - 1
    let open = state[.bad] + state[.held] + state[.running] + state[.queued]
    let body = open <= room ? each(state, room, columns, now) : grouped(state, room, columns, now)
    return [head(state, columns, now)] + body.prefix(room)
  }

  // MARK: the head

  /// The most important parts, as many as fit.
  private func head(_ state: ProgressState, _ columns: Int, _ now: Moment) -> String {
    // The part, and what goes first where there is no room.
    var parts: [(cell: Table.Cell, goes: Int)] = []
    if isSimulated { parts.append((Table.Cell("SIMULATED", .yellow), 0)) }
    for (stage, cell) in counts(state.counts) { parts.append((cell, stage == .skipped ? 3 : 0)) }
    if state.items.isEmpty { parts.append((Table.Cell("nothing yet"), 0)) }
    parts.append((Table.Cell(Self.length(now - started)), 1))
    if let speed = state.throughput(at: now) { parts.append((Table.Cell("\(Recap.size(speed))/s"), 4)) }
    if state.bytes > 0 { parts.append((Table.Cell(Recap.size(state.bytes)), 5)) }
    if let end = state.expectedEnd(at: now) {
      parts.append((Table.Cell("ends about \(clockTime(end, now))"), 2))
    }
    func width() -> Int { parts.reduce(-3) { $0 + DisplayText.width($1.cell.text) + 3 } }
    while width() > columns, let last = parts.map(\.goes).max(), last > 0 {
      parts.removeAll { $0.goes == last }
    }
    let cells = parts.enumerated().flatMap { index, part in
      index == 0 ? [part.cell] : [Table.Cell(" · "), part.cell]
    }
    return Table.line(cells, width: columns, paint: paint)
  }

  /// In seconds at least: parts of them would flicker.
  private static func length(_ duration: Duration) -> String {
    duration < .seconds(1) ? "0s" : DurationText.short(duration)
  }

  /// How many stand where, those in trouble first.
  private func counts(_ counts: [Int]) -> [(stage: ProgressState.Stage, cell: Table.Cell)] {
    ProgressState.Stage.allCases.compactMap { stage in
      let count = counts[stage.rawValue]
      return count == 0 ? nil : (stage, Table.Cell("\(count) \(stage.name)", stage.colour))
    }
  }

  /// `04:10`, with its date where that is another.
  private func clockTime(_ moment: Moment, _ now: Moment) -> String {
    let time = CivilTime(moment)
    return (time.date == CivilTime(now).date ? "" : "\(time.date) ") + time.time.prefix(5)
  }

  // MARK: a line for each

  private func each(_ state: ProgressState, _ room: Int, _ columns: Int, _ now: Moment) -> [String] {
    var indices: [Int] = []
    for stage in [ProgressState.Stage.bad, .held, .running, .queued] {
      indices += find(stage, in: state, most: room - indices.count)
    }
    indices += state.latestGood.lazy.filter { state.items[$0].stage == .good }.prefix(room - indices.count)
    return rows(indices.map { state.items[$0] }, columns, now)
  }

  /// The first `most` targets that stand so, in the order in which they were first asked for.
  private func find(_ stage: ProgressState.Stage, in state: ProgressState, most: Int) -> [Int] {
    var left = min(most, state[stage])
    if left <= 0 { return [] }
    var found: [Int] = []
    for index in state.items.indices where state.items[index].stage == stage {
      found.append(index)
      left -= 1
      if left == 0 { break }
    }
    return found
  }

  private static let columns: [Table.Column] = [
    Table.Column(),  // what it is
    Table.Column(goes: 4),  // workload
    Table.Column(least: 22, cut: .head),  // target
    Table.Column(goes: 5),  // level
    Table.Column(isRight: true, goes: 0),  // percent
    Table.Column(isRight: true, goes: 2),  // size
    Table.Column(isRight: true, goes: 1),  // age
    Table.Column(goes: 6),  // jobs
    Table.Column(least: 12, goes: 3),  // phase or reason
  ]

  private func rows(_ items: [ProgressState.Item], _ columns: Int, _ now: Moment) -> [String] {
    let rows = items.map { item -> [Table.Cell] in
      let goesOn = item.stage == .running || item.stage == .held
      let target = (item.commcell == "default" ? "" : "\(item.commcell): ") + item.target
      let age = max(.zero, (item.finished ?? now) - item.started)
      return [
        Table.Cell(ErrorOutput.oneLine(item.word), item.stage.colour),
        Table.Cell(item.workload),
        Table.Cell(ErrorOutput.oneLine(target)),
        Table.Cell(ErrorOutput.oneLine(item.level)),
        Table.Cell(goesOn && item.word != "started" ? "\(item.percent)%" : ""),
        Table.Cell(item.bytes > 0 ? Recap.size(item.bytes) : ""),
        // A moment's refusal took no time.
        Table.Cell(item.stage.isOver && age < .seconds(1) ? "" : Self.length(age)),
        Table.Cell(item.jobs.isEmpty ? "" : "job " + item.jobs.joined(separator: ", ")),
        Table.Cell(ErrorOutput.oneLine(item.note), .dim),
      ]
    }
    return Table.lines(rows, Self.columns, width: columns, paint: paint)
  }

  // MARK: a line for a group

  private static let groupColumns: [Table.Column] = [
    Table.Column(goes: 3),  // workload
    Table.Column(least: 16, cut: .head),  // path
    Table.Column(isRight: true, goes: 1),  // percent
    Table.Column(isRight: true, goes: 2),  // size
    Table.Column(least: 38),  // counts
  ]

  /// Those that are not good, then all groups, then whoever still has room.
  private func grouped(_ state: ProgressState, _ room: Int, _ columns: Int, _ now: Moment) -> [String] {
    let failed = find(.bad, in: state, most: max(room / 3, room - state.groups.count))
    var left = room - failed.count
    var shown: [Int] = []
    let most = state.groups.count > left ? left - 1 : left
    for stage in ProgressState.Stage.allCases where shown.count < most {
      for (index, group) in state.groups.enumerated() where group.urgency == stage {
        shown.append(index)
        if shown.count >= most { break }
      }
    }
    left -= shown.count
    var rest: [Int] = []
    var last: [String] = []
    if shown.count < state.groups.count {
      last = [
        Table.line(
          [Table.Cell("  … and \(state.groups.count - shown.count) more", .dim)], width: columns, paint: paint
        )
      ]
    } else {
      for stage in [ProgressState.Stage.held, .running, .queued] {
        rest += find(stage, in: state, most: left - rest.count)
      }
    }
    let groups = Table.lines(
      shown.map { row(state.groups[$0]) }, Self.groupColumns, width: columns, paint: paint)
    return rows(failed.map { state.items[$0] }, columns, now) + groups + last
      + rows(rest.map { state.items[$0] }, columns, now)
  }

  private func row(_ group: ProgressState.Group) -> [Table.Cell] {
    let path = (group.commcell == "default" ? "" : "\(group.commcell): ") + group.path
    return [
      Table.Cell(group.workload), Table.Cell(ErrorOutput.oneLine(path)), Table.Cell("\(group.percent)%"),
      Table.Cell(group.bytes > 0 ? Recap.size(group.bytes) : ""),
      Table.Cell(counts(group.counts).map(\.cell.text).joined(separator: ", "), group[.bad] > 0 ? .red : nil),
    ]
  }
}

extension ProgressState.Group {
  /// Where the most urgent of its targets stands.
  fileprivate var urgency: ProgressState.Stage? {
    ProgressState.Stage.allCases.first { self[$0] > 0 }
  }
}

extension ProgressState.Stage {
  /// What so many of them are.
  fileprivate var name: String {
    switch self {
    case .bad: "not good"
    case .held: "held up"
    case .running: "running"
    case .queued: "waiting"
    case .good: "good"
    case .skipped: "skipped"
    }
  }

  fileprivate var colour: Colour? {
    switch self {
    case .bad: .red
    case .held: .yellow
    case .running: nil
    case .queued, .skipped: .dim
    case .good: .green
    }
  }
}
