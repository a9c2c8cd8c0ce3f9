/// Lays a schema flat. Numbers stand for pointers until the texts have a place.
struct PayloadProgramBuilder {
  struct Text {
    var start = 0
    var count = 0
  }

  struct Step {
    var code: PayloadProgram.Code
    var isRequired = false
    var isOpen = false
    var slot = 0
    var text = Text()
    var isMissingRefused = false
    var defaultText = Text()
    var lower: Int64 = 0
    var upper: Int64 = 0
    var firstName = 0
    var firstSlot = 0
    var listCount = 0
    var jump = 0
  }

  struct Name {
    var low: UInt64
    var high: UInt64
    var length: Int32
    var number: Int64?
    var text: Text
  }

  private(set) var steps: [Step] = []
  private(set) var texts: [UInt8] = []
  private(set) var names: [Name] = []
  private(set) var slots: [Int32] = []
  private(set) var fixedSize = 16

  private let workload: Workload
  /// What stands in each container: fields and containers by their place in the payload.
  private var contents: [[Content]]

  private enum Content {
    case field(Int)
    case container(Int)
  }

  init(_ workload: Workload) {
    self.workload = workload
    contents = Array(repeating: [], count: workload.containers.count)
    // A container stands where the first field in it does; one without any fields comes last.
    var placed = Set([0])
    func place(_ container: Int, _ contents: inout [[Content]]) {
      guard placed.insert(container).inserted else { return }
      let parent = workload.parentOfContainer[container]
      place(parent, &contents)
      contents[parent].append(.container(container))
    }
    for (field, container) in workload.containerOfField.enumerated() where workload.fields[field].isSent {
      place(container, &contents)
      contents[container].append(.field(field))
    }
    for container in workload.containers.indices { place(container, &contents) }
  }

  mutating func build() {
    addContainer(0)
  }

  // MARK: Containers

  private mutating func addContainer(_ index: Int) {
    let container = workload.containers[index]
    let key = quoted(container.name) + ":"
    let extras = workload.extrasSlot(ofContainer: index)
    if container.shape == .associations {
      add(Step(code: .openRows, text: text(key + "[")))
      add(Step(code: .beginRow))
      let row = steps.count - 1
      addContents(index)
      add(Step(code: .endRow, slot: extras, jump: row))
      add(Step(code: .closeRows))
      return
    }
    let open = steps.count
    let openText = text(key + (container.isList ? "[{" : "{"))
    // Where a value is required, the step that refuses its absence must not be passed over.
    let isPassedOver =
      !subtree(index).contains { workload.fields[$0].defaultValue != nil }
      && !subtree(index).contains { workload.fields[$0].isRequired }
      && !contains(index, workload.associations)
    add(Step(code: isPassedOver ? .openIfAny : .open, text: openText))
    addContents(index)
    // To take an opening back is to go back by its length.
    add(Step(code: container.isList ? .closeList : .close, slot: extras, text: openText))
    if isPassedOver {
      steps[open].firstSlot = slots.count
      slots += subtree(index).map(Int32.init)
      for inner in workload.containers.indices where contains(index, inner) {
        slots.append(Int32(workload.extrasSlot(ofContainer: inner)))
      }
      steps[open].listCount = slots.count - steps[open].firstSlot
      steps[open].jump = steps.count
    }
  }

  private mutating func addContents(_ index: Int) {
    for content in contents[index] {
      switch content {
      case .field(let field): addField(field)
      case .container(let container): addContainer(container)
      }
    }
  }

  /// Whether `inner` is `outer`, or stands in it.
  private func contains(_ outer: Int, _ inner: Int) -> Bool {
    var inner = inner
    while inner >= 0 {
      if inner == outer { return true }
      inner = workload.parentOfContainer[inner]
    }
    return false
  }

  /// The fields in a container and in those that it holds.
  private func subtree(_ index: Int) -> [Int] {
    workload.fields.indices.filter { contains(index, workload.containerOfField[$0]) }
  }

  // MARK: Fields

  private mutating func addField(_ index: Int) {
    let field = workload.fields[index]
    let key = quoted(field.name) + ":"
    var step = Step(
      code: code(of: field), isRequired: field.isRequired, isOpen: !field.isClosed, slot: index,
      text: text(field.type == .string ? key + "\"" : key))
    step.lower = field.range.lowerBound
    step.upper = field.range.upperBound
    if let value = field.defaultValue {
      step.defaultText = text(key + encoded(value) + ",")
    } else {
      step.isMissingRefused = field.isRequired
    }
    step.firstName = names.count
    step.listCount = field.allowed.count
    for value in field.allowed {
      let wire: JSONValue = field.type == .integer ? .integer(value.number ?? 0) : .string(value.name)
      let (low, high) = nameWords(value.name)
      names.append(
        Name(
          low: low, high: high, length: Int32(value.name.utf8.count), number: value.number,
          text: text(key + encoded(wire) + ",")))
      // The longest of them counts; to count all is simpler and costs nothing.
      fixedSize += names[names.count - 1].text.count
    }
    add(step)
  }

  private func code(of field: Field) -> PayloadProgram.Code {
    switch field.type {
    case .integer: field.allowed.isEmpty ? .integer : .namedInteger
    case .string: field.allowed.isEmpty ? .string : .namedString
    case .boolean: .boolean
    case .object, .json: .json
    }
  }

  /// The first 16 bytes of a name as the encoder compares them.
  private func nameWords(_ name: String) -> (UInt64, UInt64) {
    let bytes = Array((name + String(repeating: " ", count: 16)).utf8.prefix(16))
    return bytes.withUnsafeBufferPointer { buffer in
      // There are sixteen of them.
      (Word.load(buffer.baseAddress!), Word.load(buffer.baseAddress! + 8))
    }
  }

  // MARK: Texts

  private mutating func add(_ step: Step) {
    fixedSize += step.text.count + step.defaultText.count + longestInteger + 8
    steps.append(step)
  }

  private mutating func text(_ string: String) -> Text {
    let start = texts.count
    texts += string.utf8
    return Text(start: start, count: texts.count - start)
  }

  private func quoted(_ name: String) -> String { encoded(.string(name)) }

  private func encoded(_ value: JSONValue) -> String {
    // A default is no NaN: the declaration's check compares it with the type, which is integer, string,
    // boolean or a tree of what JSON can say.
    String(decoding: (try? value.encoded()) ?? Array("null".utf8), as: UTF8.self)
  }
}
