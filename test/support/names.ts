/** The same with every driver, so that a URN is, too, and a state can move from one stack to another. */
export const projectName = "scenario";
export const stackName = "test";
