package dev.floe.signaling.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoomNameTest {

    @ParameterizedTest
    @ValueSource(strings = {"a", "7-guitar-sunset", "Wohnküche", "部屋", "a.b_c~d-e", "0"})
    void nameSurvivesThePath(String name) {
        RoomName room = new RoomName(name);

        assertThat(room.pathSegment()).matches("[A-Za-z0-9._~%-]+");
        assertThat(RoomName.ofPathSegment(room.pathSegment())).isEqualTo(room);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "-a", "a/b", "a b", "a+b", "a%62", "a\nb", "a?b", "<b>"})
    void nameOfOtherCharactersIsRefusedInOneLine(String name) {
        assertThatThrownBy(() -> new RoomName(name))
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "%", "%2", "%zz", "a%2Fb", "a%00", "a+b", "%ff%fe", "a/b"})
    void pathSegmentThatIsNoNameIsRefused(String segment) {
        assertThatThrownBy(() -> RoomName.ofPathSegment(segment)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {129, 100_000})
    void nameThatIsTooLongIsRefusedWithoutRepeatingItAll(int length) {
        assertThatThrownBy(() -> new RoomName("a".repeat(length)))
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300));
        assertThat(new RoomName("a".repeat(128)).value()).hasSize(128);
    }
}
