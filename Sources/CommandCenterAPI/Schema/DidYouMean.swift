/// Finds what was likely meant by a name that does not exist: the same but for upper and lower case, or else
/// the nearest by few slips (a letter missing, too many, wrong, or two swapped).
///
/// - Returns: nil where nothing is near enough.
public func didYouMean(_ name: String, among candidates: some Sequence<String>) -> String? {
  let wanted = foldedASCII(name)
  // A third of the letters may be wrong; short names are too easily taken for each other.
  let limit = max(1, min(4, wanted.count / 3))
  var best: (name: String, slips: Int)?
  for candidate in candidates {
    let letters = foldedASCII(candidate)
    if letters == wanted { return candidate }
    if abs(letters.count - wanted.count) > limit || wanted.count < 2 { continue }
    let slips = slipsBetween(wanted, letters)
    if slips <= limit && slips < best?.slips ?? .max { best = (candidate, slips) }
  }
  return best?.name
}

extension String? {
  /// `; did you mean x?`, or nothing.
  var suffix: String { map { "; did you mean \($0)?" } ?? "" }
}

/// The bytes of a name, letters of ASCII in lower case.
func foldedASCII(_ name: String) -> [UInt8] {
  name.utf8.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
}

/// The distance of Damerau and Levenshtein, no letter being moved twice.
private func slipsBetween(_ left: [UInt8], _ right: [UInt8]) -> Int {
  var beforeLast: [Int] = []
  var last = Array(0...right.count)
  for row in left.indices {
    var current = [row + 1]
    for column in right.indices {
      let isSame = left[row] == right[column]
      var slips = min(last[column + 1] + 1, current[column] + 1, last[column] + (isSame ? 0 : 1))
      if row > 0 && column > 0 && left[row] == right[column - 1] && left[row - 1] == right[column] {
        slips = min(slips, beforeLast[column - 1] + 1)
      }
      current.append(slips)
    }
    beforeLast = last
    last = current
  }
  return last[right.count]
}
