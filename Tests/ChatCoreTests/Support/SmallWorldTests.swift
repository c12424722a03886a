// SPDX-License-Identifier: MIT

import ChatTesting
import Testing

@Suite struct SmallWorldTests {
    @Test func `every sequence up to the depth is visited once, beginnings first`() {
        var seen: [[Int]] = []
        forEverySequence(of: [1, 2], depth: 2) { seen.append($0) }
        #expect(seen == [[1], [1, 1], [1, 2], [2], [2, 1], [2, 2]])
    }

    @Test func `each sequence starts from the state of its own beginning`() {
        forEverySequence(of: [1, 2, 3], depth: 4, from: 0) { sum, sequence in
            sum += sequence[sequence.count - 1]
            #expect(sum == sequence.reduce(0, +))
        }
    }

    @Test func `a depth of zero visits nothing`() {
        forEverySequence(of: [1], depth: 0) { _ in Issue.record("visited") }
    }

    @Test func `the seeded generator gives the published numbers of SplitMix64`() {
        var generator = SeededGenerator(seed: 1_234_567)
        let numbers = (0..<3).map { _ in generator.next() }
        #expect(
            numbers == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973,
                9_817_491_932_198_370_423,
            ])
    }
}
