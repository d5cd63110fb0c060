const pairs =
  // Cyrillic
  'аa вb еe ёë зz іi їï јj кk мm нh оo рp сc тt уy хx ѕs ԁd ԛq ԝw һh ӏl гr пn ьb АA ВB ЕE ЁË ЗZ ІI ЇÏ ЈJ КK МM НH ОO РP СC ТT УY ХX ЅS ԌG ҮY ӀI ԜW ' +
  // Greek
  'αa βb γy εe ηn ιi κk νv οo ρp τt υu χx ωw ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX ϲc ϳj ' +
  // Armenian
  'աw եt զq հh ոn սu օo ցg ՏS ՕO ԼL';

/**
 * Letters of other scripts that pass for a Latin one; an excerpt of the confusables of Unicode TR 39,
 * with the near misses that people fall for.
 */
export const latinLookalikes: Readonly<Record<string, string>> = Object.fromEntries(
  pairs.split(' ').map((pair) => {
    const [foreign = '', latin = ''] = pair;
    return [foreign, latin];
  }),
);
