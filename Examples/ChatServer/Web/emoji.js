// SPDX-License-Identifier: MIT

// Each emoji with the words it is found by. The group's key is a key of the strings.

const GROUPS = {
  emojiSmileys: "😀 grin happy,😄 smile laugh,😁 beam,😂 joy tears laugh,🤣 rofl laugh,🙂 smile,😉 wink,😊 blush,"
    + "😇 angel,🥰 love,😍 heart eyes,😘 kiss,😋 yum,😜 tongue wink,🤪 zany,🤗 hug,🤭 giggle,🤫 quiet,"
    + "🤔 think,😐 neutral,😏 smirk,🙄 eyeroll,😬 grimace,😌 relieved,😴 sleep,🤒 sick,🤯 mind blown,"
    + "🥳 party,😎 cool,🤓 nerd,😕 confused,🙁 frown sad,😮 wow surprised,😳 flushed,🥺 please,😢 cry sad,"
    + "😭 sob,😱 scream,😤 huff,😡 angry,🤬 swear,💀 skull dead,👻 ghost,🤖 robot,🙈 monkey see",
  emojiPeople: "👍 thumbs up yes,👎 thumbs down no,👌 ok,✌️ peace,🤞 fingers crossed luck,🤝 handshake,"
    + "👏 clap,🙌 hooray,🙏 thanks please pray,💪 strong,👋 wave hello,🤙 call,👀 eyes look,🧠 brain,"
    + "🫶 heart hands,🤷 shrug,🤦 facepalm,🙋 raise hand,💁 info,🏃 run,💃 dance,👨‍💻 coder,👩‍🔬 scientist",
  emojiHearts: "❤️ heart love red,🧡 orange heart,💛 yellow heart,💚 green heart,💙 blue heart,💜 purple heart,"
    + "🖤 black heart,💔 broken heart,💯 hundred,🔥 fire,✨ sparkles,⭐ star,⚡ zap,💥 boom,✅ check done,"
    + "❌ cross no,❓ question,❗ bang,⚠️ warning,🚫 forbidden,💤 sleep,💬 speech,🔒 lock,🔑 key,💡 idea bulb",
  emojiNature: "🐶 dog,🐱 cat,🦊 fox,🐻 bear,🐼 panda,🐸 frog,🐵 monkey,🐔 chicken,🐧 penguin,🦄 unicorn,"
    + "🐝 bee,🦋 butterfly,🐢 turtle,🐙 octopus,🐳 whale,🌱 seedling,🌵 cactus,🌳 tree,🌸 blossom,🌹 rose,"
    + "🌻 sunflower,🍀 clover luck,🌍 earth,🌙 moon,☀️ sun,⛅ cloud,🌧️ rain,❄️ snow,🌈 rainbow,🌊 wave",
  emojiFood: "🍎 apple,🍌 banana,🍉 watermelon,🍓 strawberry,🥑 avocado,🌶️ chili,🍞 bread,🧀 cheese,🍕 pizza,"
    + "🍔 burger,🍟 fries,🌮 taco,🍜 noodles,🍚 rice,🍣 sushi,🍦 ice cream,🍩 donut,🍪 cookie,🎂 cake birthday,"
    + "🍫 chocolate,☕ coffee,🍵 tea,🍺 beer,🍷 wine,🥂 cheers",
  emojiActivities: "🎉 tada party,🎁 gift,🏆 trophy,🥇 gold medal,⚽ football,🏀 basketball,🎮 game,🎲 dice,"
    + "🎯 target,🎵 music,🎸 guitar,🎨 art,📷 camera,📚 books,✏️ pencil,💻 laptop,📱 phone,📅 calendar,"
    + "📌 pin,📎 clip,⏰ alarm,🚀 rocket ship,✈️ plane,🚗 car,🚲 bike,🏠 house,🏖️ beach,⛰️ mountain",
};

const entries = (text) => text.split(",").map((one) => {
  const space = one.indexOf(" ");
  return { emoji: one.slice(0, space), words: one.slice(space + 1) };
});

export const groups = Object.entries(GROUPS).map(([key, text]) => ({ key, list: entries(text) }));

/** Those of which a word begins with the text. */
export function findEmoji(text, most = 40) {
  const wanted = text.toLowerCase();
  return groups.flatMap((group) => group.list)
    .filter(({ words }) => words.split(" ").some((word) => word.startsWith(wanted))).slice(0, most);
}

const KEY = "chat.emoji";
const FIRST = ["👍", "❤️", "😂", "🎉", "😮", "😢", "🙏", "👀"];

/** What this person takes most lately. */
export function oftenUsed() {
  const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]");
  return [...new Set([...kept, ...FIRST])].slice(0, 16);
}

export function used(emoji) {
  const kept = oftenUsed().filter((one) => one !== emoji);
  localStorage.setItem(KEY, JSON.stringify([emoji, ...kept].slice(0, 16)));
}
